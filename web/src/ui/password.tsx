// Where who asks shows who they are: by now not by a password alone.
export { useProof as usePassword } from "./proof";
