import type { Healthcheck } from '../model/container.ts';
import type { Container } from '../model/generated/container.ts';
import { inside, report, type Place } from './place.ts';
import { readDuration } from './quantity.ts';

/** A healthcheck in the engine's form. What is not said is an empty test or a zero: the image's, else the engine's. */
export function readHealthcheck(check: Container['healthcheck'], place: Place): Healthcheck | undefined {
  if (check === undefined) return undefined;
  const duration = (key: 'interval' | 'timeout' | 'start_period' | 'start_interval'): number => {
    const text = check[key];
    return text === undefined ? 0 : readDuration(text, inside(place, key));
  };
  if (check.disable === true && check.test !== undefined) {
    report(
      inside(place, 'test'),
      'ConflictingKeys',
      'cannot stand beside `disable: true`. Keep one of them.',
    );
  }
  return {
    test: check.disable === true ? ['NONE'] : readTest(check.test, inside(place, 'test')),
    interval: duration('interval'),
    timeout: duration('timeout'),
    retries: check.retries ?? 0,
    start_period: duration('start_period'),
    start_interval: duration('start_interval'),
  };
}

function readTest(test: string | readonly string[] | undefined, place: Place): readonly string[] {
  if (test === undefined) return [];
  if (typeof test === 'string') return test === '' ? [] : ['CMD-SHELL', test];
  const [first] = test;
  const isKnown = first === 'CMD' || first === 'CMD-SHELL' || first === 'NONE';
  if (!isKnown || (test.length === 1 && first !== 'NONE')) {
    report(
      place,
      'WrongValue',
      'should begin with CMD, CMD-SHELL or NONE, and go on with what to run, such as ["CMD", "pg_isready"].',
    );
  } else if (first === 'CMD-SHELL' && test.length !== 2) {
    report(
      place,
      'WrongValue',
      'should have one text behind CMD-SHELL, such as ["CMD-SHELL", "pg_isready -U postgres"].',
    );
  }
  return first === 'NONE' ? ['NONE'] : test;
}
