import { expect, test } from 'vitest';
import { refuseWrongClock } from '../../reconciler/store/clock.ts';
import { describeOnServers } from './open.ts';

describeOnServers(({ sql }) => {
  test('a clock that agrees with the server is taken', async () => {
    await refuseWrongClock(sql, () => Date.now());
    await refuseWrongClock(sql, () => Date.now() - 5_000);
  });

  test.each([
    [120_000, '120 seconds ahead of'],
    [-120_000, '120 seconds behind'],
  ])('one that is %d ms off is refused, with what to do', async (offMs, message) => {
    await expect(refuseWrongClock(sql, () => Date.now() + offMs)).rejects.toMatchObject({
      code: 'ClockWrong',
      message: expect.stringMatching(new RegExp(`${message}.*timedatectl set-ntp true`)) as string,
    });
  });
});
