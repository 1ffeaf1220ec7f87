import { useSearchParams } from '@solidjs/router';
import { For, type JSX } from 'solid-js';

interface FilterProps {
  readonly name: string;
  readonly label: string;
  readonly values: readonly string[];
}

/** A choice that stands in the address, so that what is seen can be sent to somebody. */
export function Filter(props: FilterProps): JSX.Element {
  const [query, setQuery] = useSearchParams();
  return (
    <label class="filter">
      {props.label}
      <select
        value={query[props.name] ?? ''}
        onChange={(event) => setQuery({ [props.name]: event.currentTarget.value || null, cursor: null })}
      >
        <option value="">any</option>
        <For each={props.values}>{(value) => <option value={value}>{value}</option>}</For>
      </select>
    </label>
  );
}

/** To the next page, and back to the first. */
export function Pager(props: { readonly next: string | null }): JSX.Element {
  const [query, setQuery] = useSearchParams();
  return (
    <div class="pager">
      <button
        type="button"
        disabled={query['cursor'] === undefined}
        onClick={() => setQuery({ cursor: null })}
      >
        First page
      </button>
      <button type="button" disabled={props.next === null} onClick={() => setQuery({ cursor: props.next })}>
        Next page
      </button>
    </div>
  );
}
