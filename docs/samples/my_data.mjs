import { httpsCallable } from "firebase/functions";
import { wholeArchive } from "./archive.mjs";

export const myData = (functions) => wholeArchive(httpsCallable(functions, "export_my_data"));
