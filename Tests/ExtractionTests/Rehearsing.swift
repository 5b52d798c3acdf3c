import Rehearsals

// What rehearsals are made of stands in a target of its own, since `make years` uses it too.
typealias Rehearsal = Rehearsals.Rehearsal
typealias Promises = Rehearsals.Promises
typealias PulledLake = Rehearsals.PulledLake
typealias IndexViews = Rehearsals.IndexViews
typealias ManifestText = Rehearsals.ManifestText
typealias TemporaryFolder = Rehearsals.TemporaryFolder
