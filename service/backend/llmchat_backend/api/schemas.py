"""The JSON of requests and responses: what all have in common, and accounts."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from llmchat_backend.settings import RegistrationPolicy


def _storable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("must not contain half a character (a lone surrogate)") from None
    if "\0" in text:
        raise ValueError("must not contain a NUL character")
    return text


Text = Annotated[str, AfterValidator(_storable)]
Id = Annotated[Text, Field(min_length=1, max_length=64)]


class Request(BaseModel):
    """A body without surprises."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Response(BaseModel):
    """Built from attributes of rows."""

    model_config = ConfigDict(from_attributes=True)


class Problem(BaseModel):
    """What every refusal looks like."""

    detail: str
    code: str


class CredentialsIn(Request):
    """A name and a password; the rules are checked where accounts are made."""

    username: Annotated[Text, Field(max_length=1000)]
    password: Annotated[str, Field(max_length=1000)]


class RegistrationIn(CredentialsIn):
    """A new account; the code is read where the policy is `invite`."""

    invitation: Annotated[Text, Field(max_length=200)] | None = None


class PasswordChange(Request):
    """The old password proves who is at the keyboard."""

    current_password: Annotated[str, Field(max_length=1000)]
    new_password: Annotated[str, Field(max_length=1000)]


class UserOut(Response):
    """An account, for its owner."""

    id: str
    username: str
    is_admin: bool
    must_change_password: bool


class Registered(Response):
    """The new account; a pending one can log in once an administrator has approved it."""

    user: UserOut
    pending: bool


class PolicyOut(Response):
    """What a page needs to know before anybody has logged in."""

    registration: RegistrationPolicy
    min_password_characters: int
    max_password_bytes: int


class LoggedIn(Response):
    """A token for API clients; browsers use the cookie that comes with it."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - a scheme, not a secret
    user: UserOut


class VersionOut(Response):
    """What runs here."""

    version: str
    release: str
    instance: str
