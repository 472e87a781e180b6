/** What a guest can do with a workbook besides working on it. */
export interface GuestActions {
  /** gives its file to the person */
  readonly download: (text: string) => void;
  /** shows a link that holds it */
  readonly share: (text: () => Promise<string>) => unknown;
  /** keeps it as a copy and opens that; absent for what is a copy already, which saving writes */
  readonly copy?: (text: string) => Promise<void>;
  /** where a copy is put, as it stands after "Make a copy" */
  readonly copyWhere: string;
}
