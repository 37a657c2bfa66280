# A normal variable around `mean`, of the seed alone.
suppressPackageStartupMessages(library(jsonlite))
input <- file("stdin", "r")
while (length(line <- readLines(input, n = 1)) > 0) {
  request <- fromJSON(line)
  set.seed(request$seed %% 2147483647)
  answer <- tryCatch(
    {
      if (request$parameters$mean > 1) stop("the mean is too large")
      list(id = unbox(request$id), data = list(x = rnorm(3, request$parameters$mean, 1)))
    },
    error = function(e) list(id = unbox(request$id), error = unbox(conditionMessage(e)))
  )
  cat(toJSON(answer, digits = NA), "\n", sep = "")
  flush(stdout())
}
