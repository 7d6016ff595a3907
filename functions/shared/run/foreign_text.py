"""Text that strangers may have written, for channels that make links, markup and mentions of it."""

import re

from functions.shared.finding import plain_line

# What means something to a chat is written as a character that looks like it: the fullwidth forms of * ~ @ and _.
_MARKUP = str.maketrans({"<": "(", ">": ")", "[": "(", "]": ")", "`": "'", "*": "\uff0a", "~": "\uff5e", "@": "\uff20"})
_OUTER_UNDERLINE = re.compile(r"(?<!\w)_+|_+(?!\w)")
_SCHEME = re.compile(r"(?<=\w):(?=[/\\]{2})|(?<=\bmailto):|(?<=\btel):", re.IGNORECASE)
_DOMAIN_DOT = re.compile(r"(?<=\w)\.(?=[^\W\d])")
_ENDS_A_FENCE = re.compile(r"`(?=`)")
_ADDRESS = re.compile(r"https?://[\w.-]+(?::\d+)?(?:[/?#][\w\-.~:/?#!$&'()*+,;=@%]*)?", re.ASCII)

_LONGEST_COMMAND = 2000
_LONGEST_ADDRESS = 2000


def without_links(text: str) -> str:
    """Write text so that no mail program and no chat makes a link of anything in it: ``https[:]//some[.]example``.

    Whatever AWS says of a thing can be what its owner, a stranger, has called it; so a sentence about it is treated as
    a whole. Whoever wants the thing's own characters finds them in the evidence of the finding's JSON.
    """
    return _DOMAIN_DOT.sub("[.]", _SCHEME.sub("[:]", text))


def chat_text(text: str) -> str:
    """Write text for a chat that reads markdown: it makes no link, no mention, no markup, and ends no code span."""
    inert = without_links(text)
    return _OUTER_UNDERLINE.sub(lambda found: "\uff3f" * len(found[0]), inert).translate(_MARKUP)


def code_if_arn(text: str) -> str:
    """Write foreign text for a chat, an ARN as code: Slack takes ``:ram:`` in it for a picture."""
    return f"`{chat_text(text)}`" if text.startswith("arn:") else chat_text(text)


def inert_command(command: str) -> str:
    """Write a command so that nobody makes a link of anything in it, and no fence around it ends early.

    A shell reads the same words as before: it joins what two quotes divide, so that ``some''.example`` is one word.
    A command that is too long to be looked at before it is pasted, or that holds what cannot be printed, is left out.
    """
    if len(command) > _LONGEST_COMMAND or not command.isprintable():
        return ""
    for danger in (_SCHEME, _DOMAIN_DOT, _ENDS_A_FENCE):
        command = danger.sub(_divided, command)
    return command


def _divided(found: re.Match[str]) -> str:
    return f'{found[0]}""' if _is_in_double_quotes(found.string[: found.start()]) else f"{found[0]}''"


def _is_in_double_quotes(before: str) -> bool:
    """Say whether a shell that has read *before* is inside double quotes, in which single ones mean nothing."""
    quote, is_escaped = "", False
    for sign in before:
        if is_escaped:
            is_escaped = False
        elif sign == "\\" and quote != "'":
            is_escaped = True
        elif sign == quote:
            quote = ""
        elif sign in "\"'" and not quote:
            quote = sign
    return quote == '"'


def web_address(text: str) -> str:
    """Return an address of our own that a person may follow; nothing where it is none, or too long for a receiver."""
    return text if len(text) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(text) else ""


def line_of(text: object, longest: int) -> str:
    """Write foreign text as one printable line of at most *longest* characters."""
    return cut(plain_line(str(text)[: longest + 1]), longest)


def cut(text: str, longest: int) -> str:
    """Cut text to *longest* characters, and show that it was cut."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
