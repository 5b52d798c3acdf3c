import Foundation
import TestSupport

/// In what way a run is broken off at a place.
package enum CrashWay: Sendable, CaseIterable {
    /// The process is killed before an effect, or in the middle of it.
    case killed, torn
    /// The power fails after an effect.
    case losesEverything, losesBytes, losesNames, losesSome
    /// The disk dies and the program lives, which has to end without touching the store again.
    case diskDies
    /// The process is killed while the server answers, gets SIGINT or SIGTERM, or hears nothing more.
    case asking, signal, unheard

    /// - Parameter place: the number of the effect or request, from 1.
    func mishap(at place: Int) -> Mishap {
        switch self {
        case .killed: .killed(effect: place, .clean)
        case .torn: .killed(effect: place, .torn)
        case .losesEverything: .powerCut(effect: place, .everything)
        case .losesBytes: .powerCut(effect: place, .bytes)
        case .losesNames: .powerCut(effect: place, .names)
        case .losesSome: .powerCut(effect: place, .some(seed: UInt64(place)))
        case .diskDies: .diskDies(effect: place, .torn)
        case .asking: .killedAsking(request: place)
        case .signal: .signal(place.isMultiple(of: 2) ? SIGINT : SIGTERM, request: place)
        case .unheard: .networkDies(request: place)
        }
    }

    var isAtRequests: Bool { [.asking, .signal, .unheard].contains(self) }

    /// Whether it is another crash here than the process's death between this effect and its neighbours: there is
    /// something to tear, or to lose.
    func isOfItsOwn(_ effect: Machine.Effect) -> Bool {
        switch self {
        case .killed: true
        case .torn, .diskDies: effect.isWrite
        case .losesEverything, .losesSome: effect.leavesBytes || effect.leavesNames
        case .losesBytes, .losesNames: effect.leavesBytes && effect.leavesNames
        case .asking, .signal, .unheard: false
        }
    }
}
