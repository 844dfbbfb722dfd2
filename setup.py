"""Installs pyroTorrent as it lies here: the command, ``lib``, ``model``, ``templates`` and ``static`` side by side.

``lib`` and ``model`` are common names, so install it into an environment of its own (``pipx``, or a ``.venv``).
"""

from __future__ import annotations

import runpy
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).resolve().parent
VERSION = runpy.run_path(str(HERE / 'lib' / 'version.py'))['VERSION']

REQUIRES = [
    'alembic>=1.13,<2',
    'argon2-cffi>=23.1',
    'babel>=2.14,<3',
    'Beaker>=1.13,<2',
    'flup>=1.0.3,<2',
    'google-re2>=1.1.20251105,<2',
    'h11>=0.14,<1',
    'httpx>=0.27,<1',
    'Jinja2>=3.1.5,<4',
    'rich>=13,<16',
    'simplejson>=3.19,<5',
    'SQLAlchemy>=2.0.30,<3',
    'transmission-rpc>=7.0.11,<8',
    'waitress>=3.0.1,<4',
    'Werkzeug>=3.1,<4',
]
POSTGRESQL = ['psycopg[binary]>=3.1,<4']
REDIS = ['redis>=5']
TEST = [
    *POSTGRESQL,
    *REDIS,
    'build>=1.2',
    'hypothesis>=6.100',
    'import-linter>=2.0',
    'mypy>=1.10',
    'playwright>=1.45',
    'pytest>=8',
    'pytest-xdist>=3.6',
    'ruff>=0.8',
    'schemathesis>=4.30,<5',
    'torf>=4.2',
    'types-setuptools',
    'types-simplejson',
]
DOCS = ['Sphinx>=8']

setup(
    name='pyrotorrent',
    version=VERSION,
    description='Web interface, JSON API and automation for rTorrent',
    long_description=(HERE / 'README.rst').read_text(encoding='utf-8'),
    long_description_content_type='text/x-rst',
    license='GPL-3.0-or-later',
    python_requires='>=3.11',
    py_modules=['pyrotorrent'],
    # templates and static hold no modules; named as packages they lie beside lib wherever that is installed.
    packages=[*find_packages(include=['lib', 'lib.*', 'model', 'model.*']), 'templates', 'static'],
    package_data={
        'templates': ['**/*'],
        'static': ['**/*'],
        'model': ['**/*.mako', '**/*.ini'],
        'lib': ['locale/*/LC_MESSAGES/*.po'],
    },
    install_requires=REQUIRES,
    extras_require={'postgresql': POSTGRESQL, 'redis': REDIS, 'test': TEST, 'docs': DOCS},
    entry_points={'console_scripts': ['pyrotorrent=pyrotorrent:main']},
    zip_safe=False,
)
