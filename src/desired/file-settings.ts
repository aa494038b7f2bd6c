/** What reading a file needs to know besides the file. */
export interface FileSettings {
  readonly targetNamespace: string;
  /** A collision-free hash of a text. */
  readonly hash: (text: string) => string;
  readonly limits: {
    readonly maxFileLength: number;
    readonly maxDocuments: number;
    readonly maxProblems: number;
  };
}
