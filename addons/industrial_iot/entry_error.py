"""What is wrong with something that a person has entered, said where no environment knows the language."""

from contextlib import contextmanager

from odoo.exceptions import ValidationError
from odoo.tools.translate import code_translations


def _lt(source, /, *args, **named):
    """Mark a sentence for translation; Odoo's export looks for this name."""
    return source, args or named


class EntryError(ValidationError):
    """Something that was entered is wrong.

    Args:
        sentence: From ``_lt``; in English until :func:`explained` translates it.
    """

    def __init__(self, sentence):
        self.source, self.values = sentence
        super().__init__(self.source % self.values if self.values else self.source)

    def in_language_of(self, env):
        """Return the sentence in the language of an environment."""
        known = code_translations.get_python_translations("industrial_iot", env.lang or "en_US")
        source = known.get(self.source, self.source)
        return source % self.values if self.values else source


@contextmanager
def explained(env):
    """Let the user have mistakes told in his language."""
    try:
        yield
    except EntryError as mistake:
        raise ValidationError(mistake.in_language_of(env)) from mistake
