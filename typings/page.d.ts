// What lib/dom makes elements from, and takes for a text field.
interface Props {
  [name: string]: any;
  [handler: `on${string}`]: (event: any) => void;
}
type Child = Node | string | number | null | undefined | false | Child[];
type Field = HTMLInputElement | HTMLTextAreaElement;
