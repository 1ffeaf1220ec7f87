import { Show, type JSX, type ParentProps } from 'solid-js';
import { webAddress } from './web-address.ts';

/** A link to an address from outside. Only the web is linked to; anything else, such as `javascript:`, is text. */
export function SafeLink(props: ParentProps<{ readonly to: string }>): JSX.Element {
  return (
    <Show when={webAddress(props.to)} fallback={<span>{props.children}</span>}>
      {(address) => (
        <a href={address()} rel="noopener noreferrer" target="_blank">
          {props.children}
        </a>
      )}
    </Show>
  );
}
