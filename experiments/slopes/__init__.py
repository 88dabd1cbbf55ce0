"""Whether later spells of people whom the model learnt from tell the slope of calibrators."""
