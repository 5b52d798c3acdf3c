/// Projects, tasks, boards, phases and templates (v2): all of them carry milliseconds.
extension RecordWriter {
    static let phasesPerBoard = 4

    func phaseID(_ row: RecordRow) -> Int { 1 + (Int(row.id) + Int(row.revision)) % max(size[.phases], 1) }
    func boardOfPhase(_ phase: Int) -> Int { 1 + (phase - 1) / RecordWriter.phasesPerBoard }
    func projectID(_ row: RecordRow) -> Int { 1 + Int(row.id) % max(size[.projects], 1) }
    /// Every fourth task hangs below the one before it.
    func parentTask(_ row: RecordRow) -> Int? { row.id % 4 == 0 ? Int(row.id) - 1 : nil }
    func isTaskDone(_ row: RecordRow) -> Bool { (Int(row.id) + Int(row.revision)) % 3 == 0 }
    func isMilestone(_ row: RecordRow) -> Bool { row.id % 5 == 0 }

    /// What an open, won or lost deal is called among projects.
    func projectStatus(_ row: RecordRow) -> String {
        if row.isDeleted { return "deleted" }
        return switch row.status {
        case .open: "open"
        case .won: "completed"
        case .lost: "canceled"
        }
    }

    func project(_ row: RecordRow) -> String {
        var dice = dice(.projects, row)
        let phase = phaseID(row)
        let archived = row.isArchived ? #""\#(Stamp.fractional(row.archivedMilliseconds))""# : "null"
        var text = #"{"id":\#(row.id),"title":"\#(dice.pick(Words.companies)) rollout","#
        text += #""description":"\#(dice.pick(Words.texts))","status":"\#(projectStatus(row))","#
        text += #""board_id":\#(boardOfPhase(phase)),"phase_id":\#(phase),"owner_id":\#(owner(.projects, row.id)),"#
        text += #""start_date":"\#(Stamp.day(row.addMilliseconds))","end_date":null,"#
        text += #""deal_ids":[\#(dealID(.projects, row.id))],"person_ids":[\#(personID(.projects, row.id))],"#
        text += #""org_ids":[\#(organizationID(.projects, row.id))],"label_ids":[],"health_status":\#(dice.below(11)),"#
        text += times(row)
        text += #","status_change_time":"\#(Stamp.fractional(row.addMilliseconds))","archive_time":\#(archived),"#
        return text + #""custom_fields":{}}"#
    }

    func task(_ row: RecordRow) -> String {
        var dice = dice(.tasks, row)
        let done = isTaskDone(row) ? #""\#(Stamp.fractional(row.updateMilliseconds))""# : "null"
        var text = #"{"id":\#(row.id),"title":"\#(dice.pick(Words.subjects))","creator_id":8870,"#
        text += #""description":"\#(dice.pick(Words.texts))","project_id":\#(projectID(row)),"#
        text += #""is_done":\#(isTaskDone(row)),"is_milestone":\#(isMilestone(row)),"#
        text += #""due_date":"\#(Stamp.day(row.addMilliseconds + 30 * Stamp.dayMilliseconds))","start_date":null,"#
        text += #""parent_task_id":\#(parentTask(row).map { String($0) } ?? "null"),"#
        text += #""assignee_ids":[\#(owner(.tasks, row.id))],"priority":null,"#
        text += times(row)
        return text + #","marked_as_done_time":\#(done)}"#
    }

    func board(_ row: RecordRow) -> String {
        #"{"id":\#(row.id),"name":"Board \#(row.id)\#(suffix(row))","order_nr":\#(row.id),\#(times(row))}"#
    }

    func phase(_ row: RecordRow) -> String {
        #"{"id":\#(row.id),"name":"Phase \#(row.id)\#(suffix(row))","board_id":\#(boardOfPhase(Int(row.id))),"#
            + #""order_nr":\#(1 + (Int(row.id) - 1) % RecordWriter.phasesPerBoard),\#(times(row))}"#
    }

    func projectTemplate(_ row: RecordRow) -> String {
        #"{"id":\#(row.id),"title":"Template \#(row.id)\#(suffix(row))","description":"","projects_board_id":1,"#
            + #""owner_id":8870,\#(times(row))}"#
    }

    private func times(_ row: RecordRow) -> String {
        #""add_time":"\#(Stamp.fractional(row.addMilliseconds))","#
            + #""update_time":"\#(Stamp.fractional(row.updateMilliseconds))""#
    }
}
