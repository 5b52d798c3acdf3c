import Planning
import Testing

@testable import Warehouse

/// The texts of statements, in all dialects. Whether an engine takes them, `make test-warehouse` shows.
@Suite struct StatementTests {
    private static let key = "53c2f18db6a1655d6af8bba77d9679565f975fd8"
    private static let hostile = #"it's \'; DROP TABLE deals; -- "x" `y` $$ ${HOME}"#
    private static let lake = Lake(account: "acme", prefix: "/out/", schema: "pipe\"d`rive")

    private static func table(_ type: String, _ stream: String = "deals") throws -> StreamTable {
        let field = try #require(
            CustomField(
                key: key, names: [.init(hostile, since: "2026-01-01T00:00:00Z")], type: type,
                options: [.init(id: 7, label: hostile)]))
        return StreamTable(try #require(Catalogue.stream(named: stream)), fields: [field])
    }

    private static func statements(_ engine: Engine, _ table: StreamTable) -> [String] {
        let text = SchemaText(engine, lake, [table])
        let run = RunFiles(run: "20261123T020000Z", paths: ["deals": ["/out/it's/1.ndjson.gz"]])
        return (text.outside() ?? []) + text.loaded() + text.load(run)
    }

    /// Takes quoted things out of a statement; nil when a quote is left open.
    private static func bare(_ statement: String, escapes: Bool) -> String? {
        var (bare, quote, isEscaped) = ("", Character?.none, false)
        for character in statement {
            if let open = quote {
                if isEscaped {
                    isEscaped = false
                } else if escapes, open != "\"", character == "\\" {
                    isEscaped = true
                } else if character == open {
                    // A doubled quote closes and opens again, which comes to the same.
                    quote = nil
                }
            } else if "'\"`".contains(character) {
                quote = character
            } else {
                bare.append(character)
            }
        }
        return quote == nil ? bare : nil
    }

    @Test(arguments: Engine.allCases, ["varchar", "enum", "set", "monetary", "address", "time"])
    func whatPeopleWroteStaysInsideQuotes(engine: Engine, type: String) throws {
        let escapes = [.clickhouse, .spark, .bigquery, .snowflake, .redshift].contains(engine)
        for statement in Self.statements(engine, try Self.table(type)) {
            // psql's own command is one line for a shell.
            if statement.hasPrefix("\\copy") { continue }
            let bare = try #require(Self.bare(statement, escapes: escapes), "\(engine): \(statement.prefix(200))")
            #expect(!bare.contains("DROP TABLE deals") && !bare.contains(";"), "\(engine): \(statement.prefix(200))")
        }
    }

    /// A merged file that comes after the files it replaces holds lines that were loaded already.
    @Test(arguments: [Engine.duckdb, .clickhouse, .bigquery, .snowflake, .redshift])
    func aLineIsLoadedOnce(engine: Engine) throws {
        let inserts = Self.statements(engine, try Self.table("varchar")).filter {
            $0.hasPrefix("INSERT INTO") && $0.prefix(100).contains("deals__lines")
        }
        #expect(
            inserts.count == 1
                && inserts.allSatisfy {
                    $0.contains("AND _seq NOT IN (SELECT _seq FROM")
                        || $0.contains("WHERE _seq NOT IN (SELECT _seq FROM")
                }, "\(inserts)")
    }

    @Test func sparkLeavesOutWhatIsThere() throws {
        let inserts = Self.statements(.spark, try Self.table("varchar")).filter { $0.hasPrefix("INSERT") }
        #expect(inserts.count == 1)
        #expect(inserts.allSatisfy { $0.hasPrefix("INSERT INTO") && $0.contains("LEFT ANTI JOIN") })
    }

    /// Spark replaces `${HOME}` also within literals.
    @Test func aNameIsNoVariable() throws {
        let statements = Self.statements(.spark, try Self.table("enum"))
        #expect(statements.contains { $0.contains(#"$\{HOME}"#) } && !statements.contains { $0.contains("${") })
    }

    @Test(arguments: Engine.allCases)
    func anEntryIsKnownByWhatItIsAndItsNumber(engine: Engine) throws {
        let flow = StreamTable(try #require(Catalogue.stream(named: "deal_flow")), fields: [])
        #expect(flow.standard.contains { $0.name == "_parent" })
        let run = RunFiles(run: "20261123T020000Z", paths: ["deal_flow": ["/out/1.ndjson.gz"]])
        let text = SchemaText(engine, Self.lake, [flow]).load(run).joined()
        for member in ["_parent", "object", "data", "id"] { #expect(text.contains(member), "\(engine): \(member)") }
        // Texts are called otherwise there.
        if engine == .spark || engine == .bigquery { #expect(!text.contains("VARCHAR"), "\(engine)") }
    }

    @Test func aSchemaFileOfBigQueryHasTheColumnsOfTheView() throws {
        let fields = try Self.table("set").bigQueryFields
        let custom = fields.filter { $0.name.hasPrefix("cf_") }
        #expect(custom.map(\.type) == ["INTEGER", "STRING"] && custom.allSatisfy { $0.mode == "REPEATED" })
        #expect(custom.first?.description == "\(Self.key) \(Self.hostile)")
        #expect(fields.first { $0.name == "_seq" }?.type == "INTEGER")
        #expect(Set(fields.map(\.name)).count == fields.count)
    }

    /// Not the JSON that it is in the record: engines with lists make one of it.
    @Test(arguments: ["deals", "persons", "organizations", "projects", "tasks"])
    func aListOfIdsIsAList(stream: String) throws {
        let table = StreamTable(try #require(Catalogue.stream(named: stream)), fields: [])
        let lists = table.standard.filter { $0.name.hasSuffix("_ids") }
        #expect(!lists.isEmpty && lists.allSatisfy { $0.kind == .ids }, "\(lists)")
        let fields = table.bigQueryFields.filter { $0.name.hasSuffix("_ids") }
        #expect(fields.allSatisfy { $0.type == "INTEGER" && $0.mode == "REPEATED" })
        let leads = StreamTable(try #require(Catalogue.stream(named: "leads")), fields: [])
        #expect(leads.standard.first { $0.name == "label_ids" }?.kind == .json)
    }

    @Test func aPathForAShellIsOneWord() throws {
        let copy = try #require(Self.statements(.postgres, try Self.table("varchar")).first { $0.hasPrefix("\\copy") })
        #expect(copy.contains(#"PROGRAM 'gzip -dc -- ''/out/it''\''''s/1.ndjson.gz'''"#), "\(copy)")
        #expect(!copy.contains("\n"))
    }

    /// A semicolon would be a word of psql's own commands; SQL whose last line only looks like one has it.
    @Test func commandsOfPsqlEndWithTheirLines() throws {
        let statements = Self.statements(.postgres, try Self.table("varchar"))
        for own in [#"\gset"#, #"\if "#, #"\copy "#, #"\endif"#] {
            let found = statements.filter { $0.split(separator: "\n").last?.hasPrefix(own) == true }
            #expect(found.count == 1 && SchemaText.terminated(found[0]) == found[0], "\(own)")
        }
        #expect(SchemaText.terminated("SELECT 'x\n\\y'") == "SELECT 'x\n\\y';")
    }

    @Test(arguments: [
        ("varchar", ["cf_x"]), ("monetary", ["cf_x", "cf_x__currency"]), ("enum", ["cf_x", "cf_x__label"]),
        ("set", ["cf_x", "cf_x__labels"]), ("daterange", ["cf_x", "cf_x__until"]),
        ("timerange", ["cf_x", "cf_x__until", "cf_x__timezone"]),
    ])
    func aFieldHasTheColumnsOfItsType(type: String, columns: [String]) throws {
        let field = try #require(CustomField(key: Self.key, names: [.init("X", since: "")], type: type))
        let deals = StreamTable(try #require(Catalogue.stream(named: "deals")), fields: [field])
        #expect(deals.custom.map(\.name) == columns)
        #expect(deals.custom.allSatisfy { $0.path.starts(with: ["custom_fields", Self.key]) })
        let leads = StreamTable(try #require(Catalogue.stream(named: "leads")), fields: [field])
        #expect(leads.custom.map(\.name) == columns)
        #expect(leads.custom.allSatisfy { $0.path.count == 1 && $0.path[0].hasPrefix(Self.key) })
    }

    @Test func aRenamedFieldHasAnAliasOfTheSameValue() throws {
        let field = try #require(
            CustomField(key: Self.key, names: [.init("X", since: "1"), .init("Y", since: "2")], type: "monetary"))
        let table = StreamTable(try #require(Catalogue.stream(named: "deals")), fields: [field])
        #expect(table.custom.map(\.name) == ["cf_x", "cf_x__currency", "cf_y", "cf_y__currency"])
        #expect(table.custom[0].path == table.custom[2].path && table.custom[1].path == table.custom[3].path)
    }

    @Test(arguments: [
        (
            #""id":1,"custom_fields":{"KEY":{"value":1,"KEY":2},"other":"KEY"},"KEY":3}"#, "deals",
            #""id":1,"custom_fields":{"cf_x":{"value":1,"KEY":2},"other":"KEY"},"KEY":3}"#
        ),
        (
            #""title":"\"KEY\":","KEY":"1","KEY_currency":"EUR","KEYx":0,"a":{"KEY":1}}"#, "leads",
            #""title":"\"KEY\":","cf_x":"1","cf_x__currency":"EUR","KEYx":0,"a":{"KEY":1}}"#
        ),
        (#""custom_fields":null,"x":{"KEY":1}}"#, "deals", #""custom_fields":null,"x":{"KEY":1}}"#),
    ])
    func renamingTouchesNothingElse(object: String, stream: String, renamed: String) throws {
        let field = try #require(CustomField(key: Self.key, names: [.init("X", since: "")], type: "monetary"))
        let renamer = FieldRenamer(
            StreamTable(try #require(Catalogue.stream(named: stream)), fields: [field]))
        var target: [UInt8] = []
        Array(object.replacing("KEY", with: Self.key).utf8).withUnsafeBufferPointer {
            renamer.rename($0, into: &target)
        }
        #expect(String(decoding: target, as: UTF8.self) == renamed.replacing("KEY", with: Self.key))
    }
}
