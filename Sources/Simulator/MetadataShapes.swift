/// The small lists: pipelines, stages, users, currencies, types, filters, labels, sources and fields.
extension RecordWriter {
    private static let filterCount = 6
    private static let labelNames = ["Hot", "Cold", "Warm"]

    func fixedCount(_ kind: RecordKind) -> Int {
        switch kind {
        case .pipelines: RecordWriter.pipelineCount
        case .stages: RecordWriter.pipelineCount * RecordWriter.stagesPerPipeline
        case .users: RecordWriter.userCount
        case .currencies: Words.currencies.count
        case .activityTypes: Words.activityTypes.count
        case .filters: RecordWriter.filterCount
        case .leadLabels: RecordWriter.labelNames.count
        case .leadSources: Words.leadSources.count
        default: fieldDefinitions(kind).count
        }
    }

    func metadata(_ kind: RecordKind, _ row: RecordRow, _ wishes: Wishes) -> String {
        switch kind {
        case .pipelines: pipelineText(row)
        case .stages: stageText(row)
        case .users: user(row)
        case .currencies: currency(row)
        case .activityTypes: activityType(row)
        case .filters: filter(row)
        case .leadLabels: leadLabel(row)
        case .leadSources: #"{"name":"\#(Words.leadSources[Int(row.id) - 1])"}"#
        case .leadFields, .noteFields: oldField(kind, row)
        default: field(kind, row, wishes)
        }
    }

    /// A renamed pipeline shows its revision, as any edit must.
    private func pipelineText(_ row: RecordRow) -> String {
        #"{"id":\#(row.id),"name":"Sales \#(row.id)\#(suffix(row))","order_nr":\#(row.id),"#
            + #""is_deleted":\#(row.isDeleted),"#
            + #""is_deal_probability_enabled":true,"add_time":"\#(Stamp.seconds(row.addMilliseconds))","#
            + #""update_time":\#(RecordWriter.optional(row.updateMilliseconds))}"#
    }

    private func stageText(_ row: RecordRow) -> String {
        #"{"id":\#(row.id),"order_nr":\#(stageOrder(row)),"name":"Stage \#(row.id)\#(suffix(row))","#
            + #""is_deleted":\#(row.isDeleted),"deal_probability":60,"pipeline_id":\#(stagePipeline(row)),"#
            + #""is_deal_rot_enabled":false,"days_to_rotten":null,"add_time":"\#(Stamp.seconds(row.addMilliseconds))","#
            + #""update_time":\#(RecordWriter.optional(row.updateMilliseconds))}"#
    }

    func stageOrder(_ row: RecordRow) -> Int { 1 + (Int(row.id) - 1) % RecordWriter.stagesPerPipeline }
    func stagePipeline(_ row: RecordRow) -> Int { 1 + (Int(row.id) - 1) / RecordWriter.stagesPerPipeline }

    /// The caller of `/users/me` is the first user.
    func currentUser(_ row: RecordRow) -> String {
        user(row).dropLast()
            + #","company_id":54235233,"company_name":"Acme","company_domain":"\#(companyDomain)","#
            + #""company_country":"EE","company_industry":"IT Services","#
            + #""language":{"language_code":"en","country_code":"US"}}"#
    }

    private func user(_ row: RecordRow) -> String {
        let modified = RecordWriter.spacedOrNull(row.updateMilliseconds)
        return
            #"{"id":\#(userID(row)),"name":"User \#(row.id)\#(suffix(row))","default_currency":"EUR","locale":"de_DE","#
            + #""lang":1,"email":"u\#(row.id)@company.example","phone":null,"activated":true,"#
            + #""last_login":\#(modified),"#
            + #""created":"\#(Stamp.spaced(row.addMilliseconds))","modified":\#(modified),"has_created_company":false,"#
            + #""access":[{"app":"sales","admin":false,"permission_set_id":"\#(leadID(.users, row.id))"}],"#
            + #""active_flag":\#(!row.isDeleted),"timezone_name":"Europe\/Berlin","timezone_offset":"+02:00","#
            + #""role_id":1,"icon_url":null,"is_you":\#(row.id == 1),"is_deleted":\#(row.isDeleted)}"#
    }

    private func currency(_ row: RecordRow) -> String {
        let currency = Words.currencies[Int(row.id) - 1]
        return
            #"{"id":\#(row.id),"code":"\#(currency.code)","name":"\#(currency.name)\#(suffix(row))","#
            + #""decimal_points":2,"#
            + #""symbol":"\#(currency.symbol)","active_flag":true,"is_custom_flag":false}"#
    }

    private func activityType(_ row: RecordRow) -> String {
        let name = Words.activityTypes[Int(row.id) - 1]
        return #"{"id":\#(row.id),"order_nr":\#(row.id),"name":"\#(name)\#(suffix(row))","key_string":"\#(name)","#
            + #""icon_key":"\#(name)","active_flag":true,"color":"FFFFFF","is_custom_flag":false,"#
            + #""add_time":"\#(Stamp.spaced(row.addMilliseconds))","#
            + #""update_time":\#(RecordWriter.spacedOrNull(row.updateMilliseconds))}"#
    }

    private func filter(_ row: RecordRow) -> String {
        #"{"id":\#(row.id),"name":"Filter \#(row.id)\#(suffix(row))","filter_code":null,"is_editable":true,"#
            + #""active_flag":true,"type":"\#(filterType(row))","temporary_flag":null,"user_id":8870,"#
            + #""add_time":"\#(Stamp.spaced(row.addMilliseconds))","#
            + #""update_time":\#(RecordWriter.spacedOrNull(row.updateMilliseconds)),"#
            + #""visible_to":"7","last_used_time":null,"custom_view_id":null}"#
    }

    func filterType(_ row: RecordRow) -> String { row.id % 2 == 0 ? "deals" : "people" }

    private func leadLabel(_ row: RecordRow) -> String {
        #"{"id":"\#(leadID(.leadLabels, row.id))","#
            + #""name":"\#(RecordWriter.labelNames[Int(row.id) - 1])\#(suffix(row))","#
            + #""color":"red","add_time":"\#(Stamp.fractional(row.addMilliseconds))","#
            + #""update_time":"\#(Stamp.fractional(row.updateMilliseconds))"}"#
    }

    func suffix(_ row: RecordRow) -> String { row.revision == 0 ? "" : " (\(row.revision))" }
}
