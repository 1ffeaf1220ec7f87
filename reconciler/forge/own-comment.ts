/** A comment as a forge has it. */
export interface ForgeComment {
  readonly id: number;
  readonly body: string;
  readonly author: string;
}

/** Ours are those that begin with the marker and come from our own account: anybody can write a marker. */
export function isOwnComment(comment: ForgeComment, marker: string, login: string): boolean {
  const isAuthor = comment.author.toLowerCase() === login.toLowerCase();
  return isAuthor && comment.body.trimStart().startsWith(marker);
}
