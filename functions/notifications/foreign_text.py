"""Text that strangers may have written, for channels that make links, markup and mentions of it."""

import re

# What means something to a chat is written as a character that looks like it: the fullwidth forms of * ~ @ and _.
_MARKUP = str.maketrans({"<": "(", ">": ")", "[": "(", "]": ")", "`": "'", "*": "\uff0a", "~": "\uff5e", "@": "\uff20"})
_OUTER_UNDERLINE = re.compile(r"(?<!\w)_+|_+(?!\w)")
_SCHEME = re.compile(r"(?<=\w):(?=[/\\]{2})|(?<=\bmailto):|(?<=\btel):", re.IGNORECASE)
_DOMAIN_DOT = re.compile(r"(?<=\w)\.(?=[^\W\d])")


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
