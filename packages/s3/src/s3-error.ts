import { AmortisError } from "amortis/extend";

/** A store that cannot be reached, that refuses, or that lacks what simulations need. */
export class S3Error extends AmortisError {
  constructor(message: string, options?: ErrorOptions) {
    super("s3", message, options);
  }
}
