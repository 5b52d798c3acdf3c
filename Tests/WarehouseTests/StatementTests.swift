import Foundation
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

    /// Redshift refuses a view with a new column in the place of one without it.
    @Test func viewsOfRedshiftAreMadeAnew() throws {
        let statements = SchemaText(.redshift, Self.lake, [try Self.table("varchar")]).loaded()
        let made = statements.indices.filter { statements[$0].hasPrefix("CREATE VIEW") }
        #expect(made.count >= 3 && !statements.contains { $0.contains("OR REPLACE VIEW") })
        for place in made {
            let name = statements[place].split(separator: " ")[2]
            #expect(statements[place - 1] == "DROP VIEW IF EXISTS \(name)")
            #expect(statements[place - 2] == "BEGIN" && statements[place + 1] == "COMMIT")
        }
    }

    /// Whoever loads one stream of a run has not loaded the run.
    @Test(arguments: Engine.allCases)
    func aLoadOfOneStreamLeavesTheBookOfRunsAlone(engine: Engine) throws {
        let table = try Self.table("varchar")
        let text = SchemaText(engine, Self.lake, [table])
        var run = RunFiles(run: "20261123T020000Z", paths: ["deals": ["/out/1.ndjson.gz"]])
        let whole = text.load(run)
        run.isWhole = false
        let part = text.load(run)
        func noted(_ statements: [String]) -> Int {
            statements.filter { $0.hasPrefix("INSERT INTO") && $0.contains("loaded_runs") && $0.contains(run.run) }
                .count
        }
        // Spark has none.
        #expect(noted(whole) >= (engine == .spark ? 0 : 1) && !part.isEmpty)
        #expect(!part.joined().contains(run.run), "\(part)")
    }

    private static func options(_ code: String, _ since: String = "2026-01-01T00:00:00Z") throws -> OptionField {
        try #require(OptionField(code: code, since: since, options: [.init(id: 7, label: hostile)]))
    }

    /// Pipedrive's own fields of options have labels too, under what the records call them.
    @Test(arguments: [
        ("deals", "label_ids", "label_ids__labels"), ("deals", "label", "label_ids__labels"),
        ("persons", "visible_to", "visible_to__label"), ("leads", "visible_to", "visible_to__label"),
        ("organizations", "industry", "industry__label"),
    ])
    func idsOfOptionsHaveLabelsBesideThem(stream: String, code: String, name: String) throws {
        let spec = try #require(Catalogue.stream(named: stream))
        let table = StreamTable(spec, fields: [], optionFields: [try Self.options(code)])
        #expect(table.custom.map(\.name) == [name])
        #expect(table.custom.first?.path == table.standard.first { name.hasPrefix("\($0.name)__") }?.path)
        for engine in Engine.allCases {
            let statements = SchemaText(engine, Self.lake, [table]).loaded()
            let view = try #require(
                statements.first { $0.contains("custom_field_options") && $0.contains("SELECT") }, "\(engine)")
            #expect(view.contains("7") && view.contains(code == "label" ? "label_ids" : code), "\(engine)")
            #expect(statements.contains { $0.contains(name) && $0.contains("DROP TABLE deals") } || engine == .redshift)
            let columns = try #require(statements.first { $0.contains(name) && $0.contains("_record,") }, "\(engine)")
            let (line, label) = (columns.firstRange(of: "  _record,\n"), columns.range(of: name, options: .backwards))
            #expect(try #require(line).upperBound < #require(label).lowerBound, "\(engine): at the end of the view")
        }
    }

    @Test func labelsThatComeLaterStandAtTheEndAndFlagsHaveNone() throws {
        let spec = try #require(Catalogue.stream(named: "deals"))
        let field = try #require(
            CustomField(key: Self.key, names: [.init("X", since: "2026-01-02T00:00:00Z")], type: "varchar"))
        let options = try [
            Self.options("channel", "2026-01-03T00:00:00Z"), Self.options("label", "2026-01-01T00:00:00Z"),
            Self.options("label_ids", "2026-01-01T00:00:00Z"), Self.options("is_archived"), Self.options("unheard_of"),
        ]
        let table = StreamTable(spec, fields: [field], optionFields: options)
        #expect(table.custom.map(\.name) == ["label_ids__labels", "cf_x", "channel__label"])
        #expect(OptionField(code: "status", since: "", options: []) == nil)
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

    /// PostgreSQL replaces a view in place only then, and other views may stand on it.
    @Test func whatIsNewStandsAtTheEnd() throws {
        func field(_ digit: Character, _ names: [(String, String)], _ type: String = "varchar") throws -> CustomField {
            let key = String(repeating: digit, count: 40)
            return try #require(
                CustomField(key: key, names: names.map { .init($0.0, since: $0.1) }, type: type))
        }
        let spec = try #require(Catalogue.stream(named: "deals"))
        let before = try [field("a", [("X", "1")], "monetary"), field("b", [("Z", "1")])]
        let after = try [
            field("c", [("New", "2")]), field("b", [("Z", "1")]), field("a", [("X", "1"), ("Y", "3")], "monetary"),
        ]
        let old = StreamTable(spec, fields: before).custom.map(\.name)
        let new = StreamTable(spec, fields: after).custom.map(\.name)
        #expect(old == ["cf_x", "cf_x__currency", "cf_z"])
        #expect(new == old + ["cf_new", "cf_y", "cf_y__currency"])
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
