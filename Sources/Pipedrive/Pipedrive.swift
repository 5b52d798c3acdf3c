// Pipedrive asks for one page, in Pipedrive's words: it builds the request, paces it below the burst limit,
// tells the many ways of failing apart, and finds the records in the bytes of the answer without decoding them.
//
// It knows the API and nothing else: no allowance, no retry, no file. Start at PipedriveClient.swift;
// PageSlicer.swift is the one validating pass over the bytes.
