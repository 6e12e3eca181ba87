"""The form of a process in one place: its fields, its texts, and how they are read."""

from landplan.planning.form_fields import Form, FormData, FormField, Group, form, form_data
from landplan.planning.form_reading import FieldError, echo, parse_form, split_list

__all__ = [
    "FieldError",
    "Form",
    "FormData",
    "FormField",
    "Group",
    "echo",
    "form",
    "form_data",
    "parse_form",
    "split_list",
]
