# The answers of a demo approver to `apualy review form`: they accept everything, for nobody is advised in earnest.
s/^reason = ""/reason = "A demonstration: nobody is advised in earnest, and the finding is there to be shown."/
s/^does = ""/does = "It says how many in a hundred people in a like situation were still without work a year on."/
s/^could_go_wrong = ""/could_go_wrong = "Some groups are pointed out in vain more often than others, and a tired reader may trust it too much."/
s/^what = ""/what = "Train it on newer years and look at the findings again."/
