/** A button that asks for files. */
import { useRef } from "preact/hooks";

interface FilePickerProps {
  /** What is on the button. */
  readonly children: string;
  /** What is asked for, for those who do not see the button. */
  readonly about: string;
  /** Endings of files, as `accept` of an input has them. */
  readonly accept: string;
  /** By what tests find it. */
  readonly mark: string;
  readonly disabled?: boolean;
  readonly onFile: (file: File) => void;
}

export function FilePicker(props: FilePickerProps) {
  const { children, about, accept, mark, disabled = false, onFile } = props;
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" disabled={disabled} onClick={() => picker.current?.click()}>
        {children}
      </button>
      <input
        ref={picker}
        type="file"
        hidden
        data-picker={mark}
        aria-label={about}
        accept={accept}
        onChange={({ currentTarget }) => {
          for (const file of currentTarget.files ?? []) onFile(file);
          currentTarget.value = "";
        }}
      />
    </>
  );
}
