"""Run by Lambda's own Python: replaces the sources of a folder by `.pyc` files that hold what runs and nothing else.

``python lean_compiler.py TREE MOUNTED_AT``: no docstrings, no asserts, no annotations of functions, which take room and
time and which nobody reads at run time. A class keeps the names that it annotates, which make the fields of a
dataclass, and loses their types.
"""

import ast
import importlib.util
import sys
from importlib._bootstrap_external import _code_to_hash_pyc  # type: ignore[attr-defined]  # as py_compile does
from pathlib import Path

_WITHOUT_DOCSTRINGS = 2


_MEANT = frozenset({"ClassVar", "InitVar", "KW_ONLY"})
"""Types that a dataclass looks for."""


class _Unannotated(ast.NodeTransformer):
    """Takes the annotations from functions, and from variables in them; of classes, the types."""

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and not _MEANT.intersection(_names(statement.annotation)):
                statement.annotation = ast.Constant(None)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        node.body = [bare for statement in node.body if (bare := _bare(statement)) is not None] or [ast.Pass()]
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node


def _names(expression: ast.expr) -> set[str]:
    nodes = ast.walk(expression)
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def _bare(statement: ast.stmt) -> ast.stmt | None:
    if not isinstance(statement, ast.AnnAssign):
        return statement
    if statement.value is None:
        return None
    return ast.copy_location(ast.Assign([statement.target], statement.value), statement)


def compiled(source: Path, name: str) -> bytes:
    """Return the `.pyc` of a source, whose tracebacks call it *name*."""
    text = source.read_bytes()
    tree = ast.fix_missing_locations(_Unannotated().visit(ast.parse(text, name)))
    code = compile(tree, name, "exec", dont_inherit=True, optimize=_WITHOUT_DOCSTRINGS)
    pyc: bytes = _code_to_hash_pyc(code, importlib.util.source_hash(text), False)  # noqa: FBT003
    return pyc


if __name__ == "__main__":
    tree, mounted_at = map(Path, sys.argv[1:])
    for path in sorted(tree.rglob("*.py")):
        path.with_suffix(".pyc").write_bytes(compiled(path, str(mounted_at / path.relative_to(tree))))
        path.unlink()
