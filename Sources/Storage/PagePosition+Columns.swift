import GRDB
import Planning

/// Where a list goes on, in the two columns `cursor` and `start` of which at most one is filled.
extension PagePosition {
    static func columns(of position: PagePosition?) -> (cursor: String?, start: Int?) {
        switch position {
        case .cursor(let text): (text, nil)
        case .start(let offset): (nil, offset)
        case nil: (nil, nil)
        }
    }

    init?(stored row: Row) {
        let cursor: String? = row["cursor"], start: Int? = row["start"]
        guard let position = cursor.map(PagePosition.cursor) ?? start.map(PagePosition.start) else { return nil }
        self = position
    }
}
