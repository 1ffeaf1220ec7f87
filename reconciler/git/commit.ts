import type { ReadCommitResult } from 'isomorphic-git';
import type { Commit } from '../model/event.ts';
import type { Revision } from '../model/ids.ts';

const maxMessageLength = 4096;
const maxAuthorLength = 256;

/** What history shows of a commit. Control characters are dropped: the text is printed on terminals. */
export function describeCommit(revision: Revision, { commit }: ReadCommitResult): Commit {
  const { name, email } = commit.author;
  return {
    revision,
    author: printable(`${name} <${email}>`).replace(/\s+/g, ' ').trim().slice(0, maxAuthorLength),
    message: shorten(printable(commit.message).trimEnd()),
    committedAt: commit.committer.timestamp * 1000,
  };
}

function printable(text: string): string {
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '');
}

function shorten(message: string): string {
  return message.length <= maxMessageLength ? message : `${message.slice(0, maxMessageLength - 1)}…`;
}
