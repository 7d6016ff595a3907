from tests.ram_invitations.conftest import *
from tests.ram_invitations.test_handler import _naming, MISSING
def test_x(world, printed):
    o = world.invoke(_naming(MISSING))
    import sys
    ls = printed.lines()
    with capsys_disabled(printed): print(o, ls)
import contextlib
def capsys_disabled(p): return p.capsys.disabled()
