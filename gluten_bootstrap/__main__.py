"""The first code of the zipapp: it hands over to the bootstrap."""

import os
import sys

from gluten_bootstrap.start import start

sys.exit(start(os.path.dirname(__file__)))
