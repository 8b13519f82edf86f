"""The models, where Django looks for them. Everything else imports them from the module that defines them."""

from uploads.models.events import GrantEvent
from uploads.models.grants import UploadGrant
from uploads.models.pages import UploadPage
from uploads.models.parts import UploadPart

__all__ = ["GrantEvent", "UploadGrant", "UploadPage", "UploadPart"]
