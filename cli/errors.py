"""The errors that end a command before it starts its work."""


class UsageError(Exception):
    """The command line asks for something that cannot be done.

    Attributes:
        sentence: what is wrong, in one sentence.
        hint: what to do instead.
    """

    def __init__(self, sentence: str, hint: str = "") -> None:
        """Keep both parts; the message is the sentence."""
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint
