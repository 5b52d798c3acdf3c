import Planning
import Platform

extension Vault {
    /// Puts a new file, or none, in the place of others: it is written, read again and compared, and then the exchange
    /// is begun, which whoever comes will end. Throws `Stop`; before that moment nothing was touched.
    /// - Returns: nil when no line is left.
    func exchange(_ rewrite: Rewrite, _ draft: ExchangeDraft) throws -> Manifest.File? {
        if let path = rewrite.target?.file.path,
            try disk.storing({ try disk.size(folders.absolute(path)) }) != nil
        {
            throw Stop(.badData, "\(path) is in no manifest", hint: "run pipesnap verify")
        }
        let exchange = Exchange(
            added: try draft.make(rewrite), replaced: rewrite.files.map(\.file.path), books: rewrite.books,
            pruning: rewrite.pruning)
        let exchanger = Exchanger(folders: folders, disk: disk)
        try exchanger.check(exchange)
        try exchanger.begin(exchange)
        try exchanger.endUnderWay(index)
        return exchange.added?.file
    }
}
