// No declarations: the object is for the linker alone.
