/// What misbehaviour makes of an answer. Requests struck here are charged like any other.
enum Faults {
    /// Answers that take the place of the data.
    static func instead(_ faults: Set<Misbehaviour.Kind>) -> SimulatedResponse? {
        if faults.contains(.resetConnection) {
            var response = SimulatedResponse(status: 0, body: "")
            response.delivery = .reset
            return response
        }
        if faults.contains(.serverError500) { return Refusal.failure(500, "Internal server error") }
        if faults.contains(.serverError502) { return Refusal.page(502, "Bad gateway") }
        if faults.contains(.serverError503) { return Refusal.page(503, "Scheduled maintenance") }
        if faults.contains(.html200) { return Refusal.page(200, "We will be right back") }
        if faults.contains(.forbiddenJSON) { return Refusal.forbidden() }
        if faults.contains(.paymentRequired) { return Refusal.paymentRequired() }
        if faults.contains(.notFound) { return Refusal.notFound() }
        if faults.contains(.dataNull) {
            return SimulatedResponse(status: 200, body: #"{"success":true,"data":null,"additional_data":null}"#)
        }
        if faults.contains(.wrongEnvelope) {
            return SimulatedResponse(status: 200, body: #"{"status":"ok","items":{"id":1}}"#)
        }
        return nil
    }

    /// Data that was damaged, or only dressed up, on its way out.
    static func spoiled(_ response: SimulatedResponse, _ faults: Set<Misbehaviour.Kind>) -> SimulatedResponse {
        var response = response
        if faults.contains(.prettyPrinted) { response.body = pretty(response.body) }
        // A brace too early, a byte that no UTF-8 has, a control character: each alone must be refused.
        if faults.contains(.garbledJSON) {
            let middle = response.body.count / 2
            response.body.replaceSubrange(middle..<min(middle + 3, response.body.count), with: [0x7D, 0xFF, 0x00])
        }
        if faults.contains(.truncatedBody) { response.delivery = .cut(bytes: response.body.count / 2) }
        return response
    }

    /// White space between all tokens, none inside strings.
    static func pretty(_ body: [UInt8]) -> [UInt8] {
        var spaced: [UInt8] = []
        spaced.reserveCapacity(body.count * 5 / 4)
        var quotes = JSONQuotes()
        for byte in body {
            spaced.append(byte)
            if quotes.take(byte) { continue }
            if [0x2C, 0x7B, 0x5B].contains(byte) {
                spaced += [0x0D, 0x0A, 0x20, 0x09]
            } else if byte == 0x3A {
                spaced.append(0x20)
            }
        }
        return spaced
    }
}
