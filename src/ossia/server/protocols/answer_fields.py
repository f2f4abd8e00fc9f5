"""Fields that answers of several APIs have, each with its description. Fields of a single API are in its folder."""

from typing import Annotated

from msgspec import Meta

AskedModel = Annotated[str, Meta(description="The model's name, as the request wrote it.")]
MadeAt = Annotated[int, Meta(description="When it was made, in seconds since 1970.")]
AnswerId = Annotated[str, Meta(description="The id of this answer.")]
CallId = Annotated[str, Meta(description="The id of the call, which its result names.")]
CalledName = Annotated[str, Meta(description="The name of the called tool, as the request declared it.")]
ArgumentsText = Annotated[str, Meta(description="The arguments, as JSON text.")]
InputText = Annotated[str, Meta(description="The text that the custom tool is given.")]
ChoiceIndex = Annotated[int, Meta(description="The number of the answer, from 0, if several were asked for.")]
Fingerprint = Annotated[str, Meta(description="The program that answers.")]
ErrorMessage = Annotated[str, Meta(description="What is wrong, and where possible what to do.")]
PromptTokens = Annotated[int, Meta(description="Tokens of the prompt, with those that were cached.")]
AnswerTokens = Annotated[int, Meta(description="Tokens of the answer, with those of its reasoning.")]
AllTokens = Annotated[int, Meta(description="Tokens of prompt and answer together.")]
CachedTokens = Annotated[int, Meta(description="Tokens of the prompt that were computed for an earlier request.")]
ReasoningTokens = Annotated[int, Meta(description="Tokens of the answer that are reasoning.")]
