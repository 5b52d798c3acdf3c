import Planning
import Testing

@testable import Commands

/// `${NAME}` and `${NAME:-default}`.
struct JobFileSubstitutionTests {
    private func tokens(_ words: String, _ environment: [String: String]) throws -> Int {
        try job(smallestJobFile.replacing("20000", with: words), environment: environment).budget.dailyTokens
    }

    @Test func typedAfterReplacement() throws {
        #expect(try tokens("${TOKENS}", ["TOKENS": "700"]) == 700)
        #expect(try tokens("${TOKENS:-20000}", [:]) == 20_000)
        #expect(try tokens("${TOKENS:-20000}", ["TOKENS": ""]) == 20_000)
        #expect(try tokens("${TOKENS:-20000}", ["TOKENS": "5"]) == 5)
        #expect(try tokens("1${ZEROES}", ["ZEROES": "000"]) == 1000)
    }

    @Test func anywhereInAValue() throws {
        let text = """
            account: ${ACCOUNT:-acme}
            api: {base_url: "https://${HOST}.pipedrive.com", token: {env: ${NAME:-PIPEDRIVE_API_TOKEN}}}
            budget: {daily_tokens: ${TOKENS:-20000}}
            output: {directory: ${OUT:-../out # put}/${ACCOUNT}}
            streams: [${ONE}, ${TWO:-deals}]

            """
        let environment = ["HOST": "acme", "ACCOUNT": "bcme", "ONE": "persons"]
        let job = try job(text, environment: environment)
        #expect(job.account == "bcme")
        #expect(job.baseURL == "https://acme.pipedrive.com")
        #expect(job.access == .token(.environment(variable: "PIPEDRIVE_API_TOKEN")))
        #expect(job.budget.dailyTokens == 20_000)
        #expect(job.output.directory == "/etc/acme/out # put/bcme")
        #expect(job.streams.map(\.stream.name) == ["persons", "deals"])
    }

    @Test func theEnvironmentCannotChangeTheStructure() throws {
        let text = smallestJobFile.replacing("[core]", with: "[\"${S}\"]")
        let told = complaints(text, environment: ["S": "core]\nconcurrency: 9"])
        #expect(told == ["job.yaml:7: streams: must not hold line ends or other control characters"])
    }

    @Test func notSetIsAMistakeWithItsLine() {
        let text = smallestJobFile.replacing("20000", with: "${TOKENS}").replacing("acme.", with: "${HOST}.")
        #expect(
            complaints(text) == [
                "job.yaml:3: api.base_url: the environment variable HOST is not set; set it, or write "
                    + "${HOST:-default}",
                "job.yaml:6: budget.daily_tokens: the environment variable TOKENS is not set; set it, or write "
                    + "${TOKENS:-default}",
            ])
    }

    @Test func commentsAndKeysAreLeftAlone() {
        #expect(complaints(adding: "# ${NOT_SET}\n") == [])
        #expect(
            complaints(adding: "${KEY}: 1\n").first?.hasPrefix("job.yaml:8: ${KEY}: unknown key") == true)
    }

    @Test func malformed() {
        #expect(
            complaints(replacing: "20000", with: "${1X}") == [
                "job.yaml:6: budget.daily_tokens: ${1X} is no variable; write ${NAME} or ${NAME:-default}"
            ])
    }

    @Test func whatTheEnvironmentHoldsIsNotRepeated() {
        let text = smallestJobFile.replacing("20000", with: "${TOKENS}")
        #expect(
            complaints(text, environment: ["TOKENS": "s3cret"]) == [
                "job.yaml:6: budget.daily_tokens: must be an integer, not the text from the environment"
            ])
    }
}
