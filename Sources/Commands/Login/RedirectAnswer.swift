import Foundation
import Planning

/// What the browser brings back from the OAuth server, as the query of an address.
struct RedirectAnswer {
    var code: String?
    var state: String?
    var error: String?

    /// Nil where there is neither a code nor an error: a bare code, or another page.
    init?(target: String) {
        let trimmed = target.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let query = URLComponents(string: trimmed)?.queryItems else { return nil }
        func value(_ name: String) -> String? { query.first { $0.name == name }?.value }
        (code, state, error) = (value("code"), value("state"), value("error"))
        if code == nil && error == nil { return nil }
    }

    /// - Parameter state: ours, to be compared; nil where there is none.
    func checkedCode(state expected: String?) throws(Stop) -> String {
        guard expected == nil || state == expected else {
            throw Stop(
                .tokenRefused, "this answer belongs to another login (its state is not ours)",
                hint: "run pipesnap login again and open the address that it prints")
        }
        guard error == nil, let code, !code.isEmpty else {
            throw Stop(
                .tokenRefused, "the OAuth server gave no code: the app was not allowed",
                hint: "run pipesnap login again and allow it")
        }
        return code
    }
}
