"""The pure survey engine: questionnaires, expressions and the interview step function."""
