import { AmortisError } from "amortis/extend";

/** A queue that cannot be reached, or jobs that cannot be done. */
export class QueueError extends AmortisError {
  constructor(message: string, options?: ErrorOptions) {
    super("queue", message, options);
  }
}
