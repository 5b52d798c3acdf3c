/// Answers that are not data, in the words of the documentation or of those who saw them live.
enum Refusal {
    static func failure(_ status: Int, _ message: String) -> SimulatedResponse {
        SimulatedResponse(
            status: status,
            body:
                #"{"success":false,"error":"\#(escaped(message))","#
                + #""error_info":"Please check developers.pipedrive.com","#
                + #""data":null,"additional_data":null}"#)
    }

    static func invalid(_ message: String) -> SimulatedResponse { failure(400, "Validation failed: \(message)") }

    /// Seen live, word for word.
    static func unauthorized() -> SimulatedResponse {
        var response = SimulatedResponse(
            status: 401,
            body: #"{"success":false,"error":"unauthorized access","errorCode":401,"#
                + #""error_info":"Please check developers.pipedrive.com"}"#)
        response.headers.append(("x-401-by-gw", "true"))
        return response
    }

    static func overLimit() -> SimulatedResponse {
        SimulatedResponse(
            status: 429,
            body: #"{"success":false,"error":"request over limit","errorCode":429,"#
                + #""error_info":"Please check developers.pipedrive.com"}"#)
    }

    static func forbidden() -> SimulatedResponse {
        SimulatedResponse(
            status: 403, body: #"{"success":false,"error":"Scope and URL mismatch","errorCode":403}"#)
    }

    static func paymentRequired() -> SimulatedResponse { failure(402, "Company account is not open") }
    static func notFound() -> SimulatedResponse { failure(404, "Unknown method .") }

    /// In the words of the official examples.
    static func gone(_ kind: RecordKind) -> SimulatedResponse {
        let error = kind == .leads ? "requested lead not found" : "Entity was not found"
        return SimulatedResponse(
            status: 404,
            body: #"{"success":false,"error":"\#(error)","error_info":"Object was not found.","data":null,"#
                + #""additional_data":null}"#)
    }

    static func page(_ status: Int, _ text: String) -> SimulatedResponse {
        SimulatedResponse(
            status: status,
            body: "<!DOCTYPE html>\n<html><head><title>\(text)</title></head><body>\(text)</body></html>\n",
            contentType: "text/html; charset=UTF-8")
    }

    static func cloudflare() -> SimulatedResponse {
        page(403, "This error is produced by Cloudflare. See troubleshooting guide here")
    }

    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": escaped += #"\""#
            case #"\"#: escaped += #"\\"#
            case _ where scalar.value < 0x20:
                escaped += (scalar.value < 0x10 ? #"\u000"# : #"\u00"#) + String(scalar.value, radix: 16)
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
