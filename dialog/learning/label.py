"""Labels that are no code of a form."""

#: Words that are no answer, at a place where only answers are told apart.
INTENT = "intent"
#: Words that are an answer, where only intents are told apart.
ANSWER = "answer"
