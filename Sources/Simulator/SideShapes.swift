/// Files, call logs and mail threads (v1).
extension RecordWriter {
    static let companyID = 54_235_233
    static let mailFolders = ["inbox", "drafts", "sent", "archive"]

    /// The lists beside the seven great ones.
    func side(_ kind: RecordKind, _ row: RecordRow, _ wishes: Wishes) -> String {
        switch kind {
        case .files: file(row)
        case .callLogs: callLog(row)
        case .mailThreads: mailThread(row)
        case .projects: project(row)
        case .tasks: task(row)
        case .boards: board(row)
        case .phases: phase(row)
        case .projectTemplates: projectTemplate(row)
        case .roles: role(row)
        case .permissionSets: permissionSet(row)
        case .teams: team(row, skipsUsers: wishes.skipsUsers)
        case .goals: goal(row)
        default: webhook(row)
        }
    }

    private func file(_ row: RecordRow) -> String {
        var dice = dice(.files, row)
        var text = #"{"id":\#(row.id),"user_id":\#(owner(.files, row.id)),"deal_id":\#(dealID(.files, row.id)),"#
        text += #""person_id":\#(personID(.files, row.id)),"org_id":null,"product_id":null,"activity_id":null,"#
        text += #""lead_id":null,"project_id":null,"log_id":null,"#
        text += #""add_time":"\#(Stamp.spaced(row.addMilliseconds))","#
        text += #""update_time":\#(RecordWriter.spacedOrNull(row.updateMilliseconds)),"#
        text += #""file_name":"offer_\#(row.id).pdf","file_type":"pdf","file_size":\#(dice.below(9_000_000)),"#
        text += #""active_flag":true,"inline_flag":false,"remote_location":"s3","remote_id":"","cid":"","#
        text +=
            #""s3_bucket":"","mail_message_id":"","mail_template_id":"","deal_name":"\#(dice.pick(Words.companies))","#
        text += #""person_name":"","lead_name":"","project_name":"","org_name":"","product_name":"","#
        text += #""url":"https:\/\/\#(companyDomain).pipedrive.com\/v1\/files\/\#(row.id)\/download","#
        return text + #""name":"offer \#(row.id)","description":"\#(dice.pick(Words.texts))"}"#
    }

    /// Neither an add time nor an update time, and a second shape with fewer members, as in the official example.
    private func callLog(_ row: RecordRow) -> String {
        var dice = dice(.callLogs, row)
        let end = row.addMilliseconds + Int64(dice.below(3_600_000))
        var text = #"{"id":"\#(key(.callLogs, row))","activity_id":\#(dice.below(9000)),"#
        text += #""person_id":\#(personID(.callLogs, row.id)),"#
        if row.id % 3 != 0 {
            text += #""org_id":\#(organizationID(.callLogs, row.id)),"deal_id":\#(dealID(.callLogs, row.id)),"#
            text += #""subject":"\#(dice.pick(Words.subjects))","from_phone_number":"+37277774841","#
        }
        text +=
            #""duration":"\#((end - row.addMilliseconds) / 1000)","outcome":"\#(dice.pick(["busy", "no_answer"]))","#
        text += #""to_phone_number":"+3728439832","has_recording":\#(dice.chance(0.3)),"#
        text += #""start_time":"\#(Stamp.fractional(row.addMilliseconds))","end_time":"\#(Stamp.fractional(end))","#
        text += #""user_id":\#(owner(.callLogs, row.id)),"company_id":\#(RecordWriter.companyID),"#
        return text + #""note":"\#(dice.pick(Words.texts))"}"#
    }

    /// A thread lies in one folder or in several, and moves as it is edited.
    func folders(_ row: RecordRow) -> [String] {
        var dice = Dice(seed, RecordKind.mailThreads.number, Int64(row.id), -7 - Int64(row.revision / 2))
        let first = dice.below(RecordWriter.mailFolders.count)
        return RecordWriter.mailFolders.enumerated().filter { $0.offset == first || dice.chance(0.25) }.map(\.element)
    }

    private func mailThread(_ row: RecordRow) -> String {
        var dice = dice(.mailThreads, row)
        let folders = folders(row)
        let stamp = #""\#(Stamp.fractional(row.updateMilliseconds))""#
        let person = personID(.mailThreads, row.id)
        let party =
            #"[{"id":\#(person),"name":"","latest_sent":false,"email_address":"p\#(person)@nordwind.example","#
            + #""message_time":\#(row.addMilliseconds),"linked_person_id":\#(person),"linked_person_name":"Tester","#
            + #""linked_organization_id":null,"mail_message_party_id":5318}]"#
        let flags = [
            "has_attachments_flag", "has_inline_attachments_flag", "has_real_attachments_flag", "has_draft_flag",
            "has_sent_flag", "archived_flag", "deleted_flag", "shared_flag", "synced_flag", "external_deleted_flag",
            "smart_bcc_flag", "first_message_to_me_flag", "mail_link_tracking_enabled_flag",
        ].map { #""\#($0)":\#(dice.below(2)),"# }.joined()
        var text = #"{"id":\#(row.id),"parties":{"to":\#(party),"from":\#(party)},"drafts_parties":[],"#
        text +=
            #""folders":[\#(folders.map { #""\#($0)""# }.joined(separator: ","))],"account_id":"a1","user_id":8870,"#
        text += #""version":\#(row.revision + 1),"subject":"\#(dice.pick(Words.subjects))","#
        text += #""snippet":"\#(dice.pick(Words.texts))","snippet_draft":null,"snippet_sent":"",\#(flags)"#
        text += #""last_message_timestamp":\#(stamp),"#
        text += #""first_message_timestamp":"\#(Stamp.fractional(row.addMilliseconds))","#
        text += #""last_message_sent_timestamp":null,"last_message_received_timestamp":\#(stamp),"#
        text += #""add_time":"\#(Stamp.fractional(row.addMilliseconds))","update_time":\#(stamp),"#
        return text + #""deal_id":null,"deal_status":null,"all_messages_sent_flag":0}"#
    }
}
