"""What is made of the intermediate representation: text for LLVM, and from it code for each machine."""
