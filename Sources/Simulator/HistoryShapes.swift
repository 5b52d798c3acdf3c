/// What happened to a record, newest first: changelogs, the flow of a deal, its mail. An entry once written stays as
/// it is; a new revision of the parent puts new ones in front.
extension ChildWriter {
    private static let entriesARevision = 4
    private static let agent = #""change_source":"app","change_source_user_agent":"Mozilla\/5.0 (X11; Linux x86_64)""#

    /// Entries have no id of their own; the cursor counts them all the same.
    func changelog(_ kind: RecordKind, _ parent: RecordRow) -> [ChildRecord] {
        revisions(parent).flatMap { revision -> [ChildRecord] in
            var dice = entryDice(kind, parent, revision)
            let time = time(kind, parent, revision)
            let user = RecordWriter.firstUserID + dice.below(RecordWriter.userCount)
            let count = 1 + dice.below(2)
            return (0..<count).reversed().map { number in
                let id = Int32(revision * ChildWriter.entriesARevision + number)
                let field = number == 0 ? changedField(kind, &dice) : "value"
                let text =
                    #"{"field_key":"\#(field)","old_value":\#(revision == 1 ? "null" : #""\#(revision - 1)""#),"#
                    + #""new_value":"\#(revision) \#(dice.pick(Words.texts))","actor_user_id":\#(user),"#
                    + #""time":"\#(Stamp.spaced(time))",\#(ChildWriter.agent),"is_bulk_update_flag":false}"#
                return ChildRecord(
                    id: id, parent: parent.id, key: "\(parent.id)-\(id)", addMilliseconds: time, json: text)
            }
        }
    }

    func projectChangelog(_ project: RecordRow) -> [ChildRecord] {
        revisions(project).map { revision in
            var dice = entryDice(.projectChangelog, project, revision)
            let time = time(.projectChangelog, project, revision)
            let user = RecordWriter.firstUserID + dice.below(RecordWriter.userCount)
            let text =
                #"{\#(ChildWriter.agent),"time":"\#(Stamp.fractional(time))","#
                + #""new_values":{"title":"\#(revision) \#(dice.pick(Words.texts))"},"#
                + #""old_values":{"title":"\#(revision - 1)"},"actor_user_id":\#(user)}"#
            return ChildRecord(
                id: Int32(revision), parent: project.id, key: "\(project.id)-\(revision)", addMilliseconds: time,
                json: text)
        }
    }

    /// Changes of custom fields come only when `all_changes` asks for them; they are marked here and left out there.
    func flow(_ deal: RecordRow) -> [ChildRecord] {
        revisions(deal).flatMap { revision -> [ChildRecord] in
            var dice = entryDice(.dealFlow, deal, revision)
            let time = time(.dealFlow, deal, revision)
            let id = Int32(revision * ChildWriter.entriesARevision)
            let isCustom = dice.chance(0.3)
            let field = isCustom ? writer.customFields[.deals]?.first?.key ?? "title" : "value"
            let data =
                #"{"id":\#(ChildWriter.number(deal, revision)),"item_id":\#(deal.id),"user_id":8870,"#
                + #""field_key":"\#(field)","old_value":\#(revision - 1),"new_value":\#(revision),"#
                + #""is_bulk_update_flag":null,"log_time":"\#(Stamp.spaced(time))",\#(ChildWriter.agent),"#
                + #""additional_data":[]}"#
            let change = entry(deal, id, "dealChange", time, data, isCustom ? "customChange" : "dealChange")
            guard let mail = mail(deal, revision, id: id + 1) else { return [change] }
            return [mail, change]
        }
    }

    func mails(_ deal: RecordRow) -> [ChildRecord] {
        (revisions(deal) + [0]).compactMap { mail(deal, $0, id: Int32($0 * ChildWriter.entriesARevision + 1)) }
    }

    private func mail(_ deal: RecordRow, _ revision: Int, id: Int32) -> ChildRecord? {
        guard revision % 3 == 0 else { return nil }
        var dice = entryDice(.mailMessages, deal, revision)
        let time = time(.mailMessages, deal, revision)
        let stamp = #""\#(Stamp.fractional(time))""#
        let number = ChildWriter.number(deal, revision)
        let party =
            #"[{"id":1,"email_address":"mail@example.org","name":"\#(dice.pick(Words.firstNames))","#
            + #""linked_person_id":\#(writer.personID(.deals, deal.id)),"linked_person_name":"","#
            + #""mail_message_party_id":1}]"#
        let flags =
            #""mail_link_tracking_enabled_flag":0,"read_flag":1,"draft":"","s3_bucket":"mail","s3_bucket_path":"a\/b","#
            + #""draft_flag":0,"synced_flag":1,"deleted_flag":0,"external_deleted_flag":false,"has_body_flag":1,"#
            + #""sent_flag":0,"sent_from_pipedrive_flag":0,"smart_bcc_flag":0"#
        let data =
            #"{"id":\#(number),"from":\#(party),"to":\#(party),"cc":[],"bcc":[],"body_url":"https:\/\/example.org","#
            + #""nylas_id":"\#(dice.hex(20))","account_id":"a","user_id":8870,"mail_thread_id":\#(deal.id),"#
            + #""subject":"\#(dice.pick(Words.subjects))","snippet":"\#(dice.pick(Words.texts))","#
            + #""mail_tracking_status":null,\#(flags),"message_time":\#(stamp),"add_time":\#(stamp),"#
            + #""update_time":\#(stamp),"has_attachments_flag":0,"has_inline_attachments_flag":0,"#
            + #""has_real_attachments_flag":0,"mua_message_id":"m","template_id":null,"item_type":"mailMessage","#
            + #""timestamp":\#(stamp),"company_id":\#(RecordWriter.companyID)}"#
        var found = entry(deal, id, "mailMessage", time, data, "mailMessage")
        found.updateTime = Stamp.fractional(time)
        found.updateMilliseconds = time
        return found
    }

    private func entry(
        _ deal: RecordRow, _ id: Int32, _ object: String, _ time: Int64, _ data: String, _ item: String
    ) -> ChildRecord {
        ChildRecord(
            id: id, parent: deal.id, key: "\(deal.id)-\(id)", addMilliseconds: time, item: item,
            json: #"{"object":"\#(object)","timestamp":"\#(Stamp.spaced(time))","data":\#(data)}"#)
    }

    private func revisions(_ parent: RecordRow) -> [Int] {
        parent.revision < 1 ? [] : (1...Int(parent.revision)).reversed()
    }

    /// The number of a change or message in the whole account.
    private static func number(_ deal: RecordRow, _ revision: Int) -> Int { Int(deal.id) * 4096 + revision }

    private func entryDice(_ kind: RecordKind, _ parent: RecordRow, _ revision: Int) -> Dice {
        Dice(writer.seed, kind.number, Int64(parent.id), Int64(revision))
    }

    private func changedField(_ kind: RecordKind, _ dice: inout Dice) -> String {
        let custom = kind.parent.flatMap { writer.customFields[$0]?.first?.key } ?? "name"
        return dice.pick(["owner_id", "label_ids", custom])
    }
}
