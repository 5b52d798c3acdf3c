/// Writes what hangs on a record. A child belongs to a slot of its parent; every few revisions of the parent the slot
/// is thrown anew, and then the old child is gone and another, of another id, may be in its place.
struct ChildWriter {
    /// How many ids a parent has for its children.
    static let idsAParent: Int32 = 64
    private static let slots = 4

    let writer: RecordWriter
    let history: EditHistory

    /// The children of one parent, in the order of their ids; of a log the newest first.
    func children(_ kind: RecordKind, _ parent: RecordRow) -> [ChildRecord] {
        switch kind {
        case .noteComments: slots(kind, parent, share: 0.3) { comment($0) }
        case .productVariations: slots(kind, parent, share: 0.5) { variation($0) }
        case .dealProducts: slots(kind, parent, share: 0.4) { dealProduct($0) }
        case .dealInstallments: slots(kind, parent, share: 0.2) { installment($0) }
        case .dealParticipants: slots(kind, parent, share: 0.3) { participant($0) }
        case .dealDiscounts: slots(kind, parent, share: 0.2) { discount($0) }
        case .dealFollowers, .personFollowers, .organizationFollowers, .productFollowers: followers(kind, parent)
        case .roleAssignments, .permissionSetAssignments: assignments(kind, parent)
        case .projectChangelog: projectChangelog(parent)
        case .dealChangelog, .personChangelog, .organizationChangelog: changelog(kind, parent)
        case .dealFlow: flow(parent)
        case .mailMessages: mails(parent)
        default: []
        }
    }

    /// One child as it is thrown: everything a shape needs.
    struct Child {
        let kind: RecordKind
        let parent: RecordRow
        let id: Int32
        let slot: Int
        let addMilliseconds: Int64
        /// Edited along with every second revision of the parent.
        let updateMilliseconds: Int64
        var dice: Dice
    }

    private func slots(
        _ kind: RecordKind, _ parent: RecordRow, share: Double, _ shape: (Child) -> ChildRecord
    ) -> [ChildRecord] {
        (0..<ChildWriter.slots).compactMap { slot -> ChildRecord? in
            let revision = Int(parent.revision)
            let span = slot + 3
            let epoch = revision / span
            var presence = Dice(writer.seed, kind.number, Int64(parent.id), Int64(slot * 100_000 + epoch))
            guard presence.chance(share) else { return nil }
            let place = Int32(slot * 16 + epoch % 16)
            let edit = max(epoch * span, revision / 2 * 2)
            return shape(
                Child(
                    kind: kind, parent: parent, id: (parent.id - 1) * ChildWriter.idsAParent + place + 1, slot: slot,
                    addMilliseconds: time(kind, parent, epoch * span), updateMilliseconds: time(kind, parent, edit),
                    dice: Dice(writer.seed, kind.number + 100, Int64(parent.id), Int64(slot * 100_000 + edit))))
        }.sorted { $0.id < $1.id }
    }

    /// Users who follow the record; the list names them by their ids.
    private func followers(_ kind: RecordKind, _ parent: RecordRow) -> [ChildRecord] {
        users(kind, parent) { #"{"user_id":\#($0),"add_time":"\#(Stamp.seconds($1))"}"# }
    }

    /// Users who have a role or a permission set.
    private func assignments(_ kind: RecordKind, _ parent: RecordRow) -> [ChildRecord] {
        users(kind, parent) { user, _ in
            guard kind == .roleAssignments else {
                let id = writer.key(.permissionSets, parent)
                return #"{"user_id":\#(user),"permission_set_id":"\#(id)","name":"Set \#(parent.id)"}"#
            }
            return #"{"user_id":\#(user),"role_id":\#(parent.id),"parent_role_id":\#(max(1, parent.id / 2)),"#
                + #""name":"Role \#(parent.id)","active_flag":true,"type":"1"}"#
        }
    }

    private func users(
        _ kind: RecordKind, _ parent: RecordRow, _ shape: (_ user: Int, _ addMilliseconds: Int64) -> String
    ) -> [ChildRecord] {
        var found: [Int32: ChildRecord] = [:]
        for slot in 0..<3 {
            let epoch = Int(parent.revision) / (slot + 3)
            var dice = Dice(writer.seed, kind.number, Int64(parent.id), Int64(slot * 100_000 + epoch))
            guard dice.chance(0.5) else { continue }
            let user = Int32(dice.below(RecordWriter.userCount))
            let added = time(kind, parent, epoch * (slot + 3))
            let userID = RecordWriter.firstUserID + Int(user)
            found[user] = ChildRecord(
                id: user + 1, parent: parent.id, key: String(userID), addMilliseconds: added,
                json: shape(userID, added))
        }
        return found.values.sorted { $0.id < $1.id }
    }

    func time(_ kind: RecordKind, _ parent: RecordRow, _ revision: Int) -> Int64 {
        history.time(kind.parent ?? kind, parent, revision: revision)
    }
}
