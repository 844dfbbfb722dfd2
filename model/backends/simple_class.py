"""What can be told of somebody's class (:mod:`.client`) without calling any of it."""

from __future__ import annotations

import inspect

from model.backends.client import METHODS, REQUIRED


def lacking(kind: type) -> list[str]:
    """What keeps a class from being a client, in sentences; none of it is called for that."""
    wrong = []
    for method in METHODS.values():
        found = inspect.getattr_static(kind, method.name, None)
        call = getattr(kind, method.name, None)
        if call is None or getattr(call, '__isabstractmethod__', False):
            if method in REQUIRED:
                wrong.append(f'it lacks {method.name}({", ".join(method.args)}), which {_does(method.help)}')
        elif not callable(call):
            wrong.append(f'its {method.name} is no method')
        elif inspect.iscoroutinefunction(call):
            wrong.append(f'its {method.name} is “async”, and is called as a plain method')
        else:
            own = () if isinstance(found, staticmethod | classmethod) else (None,)
            try:
                inspect.signature(call).bind(*own, *method.args, **dict.fromkeys(takes(kind, method.name)))
            except (TypeError, ValueError) as error:
                wrong.append(f'its {method.name} cannot be called with ({", ".join(method.args)}): {error}')
    return wrong


def _does(help_text: str) -> str:
    return f'does this: “{help_text}”'


def methods(kind: type) -> frozenset[str]:
    """Which of our methods a class has."""
    return frozenset(name for name in METHODS if callable(getattr(kind, name, None)))


def capabilities(kind: type) -> frozenset[str]:
    """What a class is capable of (:data:`model.backends.base.CAPABILITIES`)."""
    has = methods(kind)
    found = {METHODS[name].capability for name in has} - {''}
    if 'limits' not in has:
        found.discard('settings')
    adding = [name for name in ('add_torrent', 'add_magnet') if name in has]
    if adding and all('directory' in takes(kind, name) for name in adding):
        found.add('add_directory')
    return frozenset(found)


def takes(kind: type, method: str) -> frozenset[str]:
    """Which of its optional arguments a method takes."""
    parameters = inspect.signature(getattr(kind, method)).parameters
    if any(each.kind is each.VAR_KEYWORD for each in parameters.values()):
        return frozenset(METHODS[method].optional)
    return frozenset(METHODS[method].optional) & set(parameters)
