import { expect, test } from 'vitest';
import { isRuleOf } from '../../reconciler/docker/private-firewall.ts';

const engine = {
  bridge: 'plimsoll200',
  bridgeAddress: '10.200.0.1/16',
  pool: '10.201.0.0/16',
  range: '10.200.0.0/15',
  bridges: ['br-0123456789ab'],
};

test.each([
  '-A FORWARD -s 10.200.0.0/15 -j PLIMSOLL200',
  '-A PLIMSOLL200 -m physdev --physdev-is-bridged -j ACCEPT',
  '-A FORWARD -i plimsoll200 ! -o plimsoll200 -j ACCEPT',
  '-A DOCKER ! -i br-0123456789ab -p tcp -m tcp --dport 32768 -j DNAT --to-destination 10.201.0.2:80',
  '-A POSTROUTING -s 10.200.0.0/15 ! -d 10.200.0.0/15 -j MASQUERADE',
  '-A POSTROUTING -s 10.201.0.2/32 -d 10.201.0.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE',
])('a rule that was made for the engine is taken away: %s', (rule) => {
  expect(isRuleOf(engine, rule)).toBe(true);
});

test.each([
  '-P FORWARD DROP',
  '-N DOCKER',
  '-A INPUT -s 10.0.0.0/8 -j ACCEPT',
  '-A INPUT -s 10.200.0.7/32 -j DROP',
  '-A POSTROUTING -s 10.0.0.0/8 -o eth0 -j MASQUERADE',
  '-A POSTROUTING -o eth0 -j MASQUERADE',
  '-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE',
  '-A POSTROUTING -s 10.202.0.0/15 ! -d 10.202.0.0/15 -j MASQUERADE',
  '-A FORWARD -i br-ffffffffffff -j ACCEPT',
])("somebody else's rule stays: %s", (rule) => {
  expect(isRuleOf(engine, rule)).toBe(false);
});
