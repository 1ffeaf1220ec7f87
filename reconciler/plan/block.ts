import type { Finding } from '../model/change.ts';
import type { DesiredService } from '../model/desired.ts';
import type { Name } from '../model/ids.ts';
import { finding, type FindingCode } from './findings.ts';
import type { ServiceSurvey, Survey } from './survey.ts';

/** Why nothing can be done for a service now. It is told before the first step instead of failing in the middle. */
export interface Block {
  readonly because: string;
  readonly finding: Finding;
}

export type Blocks = ReadonlyMap<Name, Block>;

export interface BlockContext {
  readonly survey: Survey;
  readonly willPrune: ReadonlySet<Name>;
  readonly blocks: Blocks;
}

/** Null: nothing of this kind stands in the way. */
export type BlockRule = (of: ServiceSurvey, context: BlockContext) => Block | null;

export interface BlockReason {
  readonly code: FindingCode;
  /** A clause without the service's name. */
  readonly because: string;
  readonly remedy: string;
}

export function blockOf(service: DesiredService, { code, because, remedy }: BlockReason): Block {
  const message = `${service.name} cannot be brought to its line: ${because}.`;
  return { because, finding: finding(code, { kind: 'service', service: service.name }, { message, remedy }) };
}
