// Draws a part again only when something it was given is another.

import { Component, type ComponentType, h } from "preact";

export function memo<Props extends object>(Part: ComponentType<Props>): ComponentType<Props> {
  return class Memo extends Component<Props> {
    override shouldComponentUpdate(next: Props): boolean {
      const before = this.props as Record<string, unknown>;
      const after = next as Record<string, unknown>;
      return [...new Set([...Object.keys(before), ...Object.keys(after)])].some(
        (name) => !Object.is(before[name], after[name]),
      );
    }

    override render() {
      return h(Part, this.props as Props);
    }
  };
}
