"""What a person sees and answers on a terminal: safe text, pages, progress, questions."""
