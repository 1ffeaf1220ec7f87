import { readHealth } from './container.ts';
import type { ContainerListItem, ListedEndpoint, ListedPort } from './wire.ts';

/** Links give a container further names, with a second slash in them. */
export function nameOf({ Id, Names }: ContainerListItem): string {
  const own = Names?.find((name) => name.lastIndexOf('/') === 0);
  return own?.slice(1) ?? Id.slice(0, 12);
}

/** `Up 5 minutes (healthy)`, `Up 2 seconds (health: starting)`. */
export function healthOf({ Status }: ContainerListItem): ReturnType<typeof readHealth> {
  return readHealth(/\((?:health: )?(\w+)\)/.exec(Status)?.[1]);
}

/** Everything in a list item that can change while a container lives, but for how long ago it was. */
export function isSameItem(left: ContainerListItem, right: ContainerListItem): boolean {
  return (
    left.State === right.State &&
    left.Image === right.Image &&
    left.ImageID === right.ImageID &&
    bracketed(left) === bracketed(right) &&
    isSameList(left.Names ?? [], right.Names ?? [], isSameText) &&
    isSameRecord(left.Labels ?? {}, right.Labels ?? {}, isSameText) &&
    isSamePorts(left.Ports ?? [], right.Ports ?? []) &&
    isSameRecord(endpointsOf(left), endpointsOf(right), isSameEndpoint)
  );
}

/** Health, or the exit code. */
function bracketed({ Status }: ContainerListItem): string {
  const start = Status.indexOf('(');
  return start === -1 ? '' : Status.slice(start, Status.indexOf(')', start));
}

function endpointsOf({ NetworkSettings }: ContainerListItem): Readonly<Record<string, ListedEndpoint>> {
  return NetworkSettings?.Networks ?? {};
}

function isSameEndpoint(left: ListedEndpoint, right: ListedEndpoint): boolean {
  return (
    left.NetworkID === right.NetworkID &&
    left.EndpointID === right.EndpointID &&
    left.IPAddress === right.IPAddress
  );
}

/** An engine lists them in any order. */
function isSamePorts(left: readonly ListedPort[], right: readonly ListedPort[]): boolean {
  if (left.length !== right.length) return false;
  if (left.length === 0) return true;
  return isSameList(left.map(formatPort).sort(), right.map(formatPort).sort(), isSameText);
}

function formatPort({ IP, PublicPort, PrivatePort, Type }: ListedPort): string {
  return `${IP}:${PublicPort}:${PrivatePort}/${Type}`;
}

function isSameText(left: string, right: string): boolean {
  return left === right;
}

function isSameList<Item>(
  left: readonly Item[],
  right: readonly Item[],
  isSame: (left: Item, right: Item) => boolean,
): boolean {
  return left.length === right.length && left.every((item, index) => isSame(item, right[index] as Item));
}

function isSameRecord<Value>(
  left: Readonly<Record<string, Value>>,
  right: Readonly<Record<string, Value>>,
  isSame: (left: Value, right: Value) => boolean,
): boolean {
  let size = 0;
  for (const key in left) {
    const [own, other] = [left[key], right[key]];
    if (own === undefined || other === undefined || !isSame(own, other)) return false;
    size += 1;
  }
  return size === Object.keys(right).length;
}
