import type { Name } from '../model/ids.ts';
import type { Block, BlockContext, BlockRule, Blocks } from './block.ts';
import { dependencyBlock, portBlock } from './block-neighbours.ts';
import { engineBlock, imageBlock, nameBlock, networkBlock, volumeBlock } from './block-own.ts';
import { isCreating, type Slot } from './slots.ts';
import type { ServiceSurvey, Survey } from './survey.ts';

/** Services that cannot be acted upon: for reasons of their own, or because another one is in the way or missing. */
export function findBlocks(survey: Survey, willPrune: ReadonlySet<Name>): Blocks {
  const blocks = new Map<Name, Block>();
  const acting = survey.services.filter(isActing);
  for (let known = -1; known < blocks.size;) {
    known = blocks.size;
    for (const service of acting.filter(({ service: { name } }) => !blocks.has(name))) {
      const block = firstBlock(service, { survey, willPrune, blocks });
      if (block !== null) blocks.set(service.service.name, block);
    }
  }
  return blocks;
}

/** Something has to be made, changed or moved for it. */
export function isActing({ slots, extras }: ServiceSurvey): boolean {
  return extras.length > 0 || slots.some(isActingSlot);
}

function isActingSlot(slot: Slot): boolean {
  const { keeper, old, surplus, renamed } = slot;
  if (renamed?.isActing === true) return true;
  if (isCreating(slot) || old !== null || surplus.length > 0) return true;
  return keeper !== null && keeper.changes.some((change) => change.isActing);
}

const rules: readonly BlockRule[] = [
  engineBlock,
  imageBlock,
  networkBlock,
  volumeBlock,
  nameBlock,
  portBlock,
  dependencyBlock,
];

function firstBlock(of: ServiceSurvey, context: BlockContext): Block | null {
  for (const rule of rules) {
    const block = rule(of, context);
    if (block !== null) return block;
  }
  return null;
}
